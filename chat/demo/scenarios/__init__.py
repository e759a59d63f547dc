"""What the demo shows: each scenario acts on the stage, tells what happens, and returns a verdict."""
