"""Router: it carries messages between partners. It has the intake, the relay, the workers, the dispatcher, and
the business rules."""
