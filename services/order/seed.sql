-- The catalogue, prices in cents:
--   sku          price   made for
--   sku-laptop  1299.00  a large order (500.00 and more waits for a review)
--   sku-bike     549.00  a large order
--   sku-moonlamp  39.00  out of stock: none on hand
--   all others   2.50 to 89.00
INSERT INTO catalogue (sku, name, unit_price, currency) VALUES
  ('sku-tea', 'Green tea, 100 g', 450, 'EUR'),
  ('sku-mug', 'Stoneware mug', 1200, 'EUR'),
  ('sku-pen', 'Ballpoint pen', 250, 'EUR'),
  ('sku-notebook', 'Dotted notebook', 890, 'EUR'),
  ('sku-candle', 'Beeswax candle', 1450, 'EUR'),
  ('sku-scarf', 'Wool scarf', 3900, 'EUR'),
  ('sku-kettle', 'Electric kettle', 4900, 'EUR'),
  ('sku-backpack', 'Canvas backpack', 6900, 'EUR'),
  ('sku-headphones', 'Headphones', 8900, 'EUR'),
  ('sku-moonlamp', 'Moon lamp', 3900, 'EUR'),
  ('sku-bike', 'City bike', 54900, 'EUR'),
  ('sku-laptop', 'Laptop, 14 inch', 129900, 'EUR')
ON CONFLICT DO NOTHING;
