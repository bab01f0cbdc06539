"""From record to triples: IRIs are minted, nodes are shaped, the context in `mappings/` maps them."""
