"""What is measured: each system starts clean, says where its devices sit, and which processes to bill."""
