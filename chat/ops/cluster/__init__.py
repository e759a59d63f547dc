"""The cluster page: what nodes say of themselves, who looks at it, and what staff ask of a node."""
