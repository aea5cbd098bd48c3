"""Show and decide what is in quarantine: messages and events that the hub can neither read nor apply. A
person replays, corrects or closes them."""
