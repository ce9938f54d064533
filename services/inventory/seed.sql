-- 100,000 of each product of the catalogue, but sku-moonlamp has none on hand → OUT_OF_STOCK.
-- Stock that is there already is left as it is.
INSERT INTO stock (sku, on_hand, received)
SELECT sku, quantity, quantity
FROM (
  VALUES
    ('sku-tea', 100000),
    ('sku-mug', 100000),
    ('sku-pen', 100000),
    ('sku-notebook', 100000),
    ('sku-candle', 100000),
    ('sku-scarf', 100000),
    ('sku-kettle', 100000),
    ('sku-backpack', 100000),
    ('sku-headphones', 100000),
    ('sku-moonlamp', 0),
    ('sku-bike', 100000),
    ('sku-laptop', 100000)
) AS seed (sku, quantity)
ON CONFLICT DO NOTHING;
