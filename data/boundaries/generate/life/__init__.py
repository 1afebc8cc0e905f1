"""What happens on the ground: people, their patrols, and what is reported."""
