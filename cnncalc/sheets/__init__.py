"""Answer sheets: questions, their networks, and the quantities they ask for."""
