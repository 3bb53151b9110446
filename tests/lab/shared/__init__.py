"""What several rooms of the lab need: counting checks, running cspseal, installing packages, asking servers."""
