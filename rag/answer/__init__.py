"""From evidence to answer: what to say (`decide`), in which statements (`quote`), with which citations and notices."""
