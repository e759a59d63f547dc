"""What our templates can say about accounts."""
