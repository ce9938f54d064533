-- Carriers, and what they take per country in cents; the cheapest one that serves the country is booked:
--   hermes      DE 4.90, AT 6.90, NL 6.90, FR 7.90
--   swift-post  DE 5.90, FR 6.90, NL 7.90, BE 7.90, AT 8.90, IT 8.90, ES 8.90, PL 8.90
--   globe       DE 14.90, FR 14.90, IT 14.90, GB 16.90, CH 17.90, US 24.90, CA 24.90, JP 29.90, AU 31.90
-- Nobody serves AQ (Antarctica) → UNDELIVERABLE.
INSERT INTO carriers (carrier, name) VALUES
  ('hermes', 'Hermes'),
  ('swift-post', 'Swift Post'),
  ('globe', 'Globe Freight')
ON CONFLICT DO NOTHING;

INSERT INTO coverage (carrier, country, price, currency)
SELECT carrier, country, price, 'EUR'
FROM (
  VALUES
    ('hermes', 'DE', 490), ('hermes', 'AT', 690), ('hermes', 'NL', 690), ('hermes', 'FR', 790),
    ('swift-post', 'DE', 590), ('swift-post', 'FR', 690), ('swift-post', 'NL', 790), ('swift-post', 'BE', 790),
    ('swift-post', 'AT', 890), ('swift-post', 'IT', 890), ('swift-post', 'ES', 890), ('swift-post', 'PL', 890),
    ('globe', 'DE', 1490), ('globe', 'FR', 1490), ('globe', 'IT', 1490), ('globe', 'GB', 1690),
    ('globe', 'CH', 1790), ('globe', 'US', 2490), ('globe', 'CA', 2490), ('globe', 'JP', 2990), ('globe', 'AU', 3190)
) AS seed (carrier, country, price)
ON CONFLICT DO NOTHING;
