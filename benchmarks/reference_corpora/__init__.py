"""Where the reference benchmark takes its texts and fields from, and how it compares them."""
