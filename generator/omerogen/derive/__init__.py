"""What is computed from settings, options and the machine: fields, and the functions behind them."""
