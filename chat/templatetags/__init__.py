"""What the chat's templates can say."""
