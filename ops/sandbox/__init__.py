"""Run sandboxes: for a partner that tests its software, the hub plays a SIAO, a shelter and the 115
(emergency line for homeless people)."""
