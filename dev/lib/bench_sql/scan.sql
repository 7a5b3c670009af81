SELECT count(date) FROM contact_touch
