-- The contacts of a mailing list, one address each.
WITH made AS (
    INSERT INTO mailing_contact (
           name, email, email_normalized,
           create_uid, create_date, write_uid, write_date)
    SELECT 'Customer ' || i, 'customer' || i || '@example.com',
           'customer' || i || '@example.com', 1, %(now)s, 1, %(now)s
      FROM generate_series(0, %(contacts)s - 1) AS i
 RETURNING id)
INSERT INTO mailing_subscription (
       contact_id, list_id, opt_out, create_uid, create_date, write_uid, write_date)
SELECT id, %(list)s, FALSE, 1, %(now)s, 1, %(now)s FROM made
