"""What the shop is measured on: made-up catalogues and the workloads that use them."""
