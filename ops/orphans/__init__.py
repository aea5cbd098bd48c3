"""Let people decide about orphan answers: answers to a request that the hub does not know. The hub proposes
the referrals and candidacies that each one may mean."""
