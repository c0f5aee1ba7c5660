"""Tables, one module per noun; the engine that opens the database; the ledger."""
