"""A complete record, the faults put into it, and what the audit says of them."""
