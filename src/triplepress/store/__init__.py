"""The store: a read-only snapshot of the graph, asked in the process or by worker processes."""
