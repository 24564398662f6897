-- Predictions with what became of the customer. An outcome names its prediction, or the customer by his pseudonym: then it
-- belongs to his latest prediction before it. One that was sent twice has the same key and counts once, the last line of it.
-- The table gets a field with the first line that has it: before the first outcome there is no `churned`.
WITH predictions AS (
  SELECT
    jsonPayload.prediction_id AS prediction_id,
    jsonPayload.customer AS customer,
    jsonPayload.model_version AS model_version,
    jsonPayload.probability AS probability,
    jsonPayload.risk_level AS risk_level,
    timestamp AS predicted_at
  FROM churn_predictions.run_googleapis_com_stdout
  WHERE jsonPayload.event = 'prediction'
),
outcomes AS (
  SELECT
    jsonPayload.key AS key,
    jsonPayload.prediction_id AS prediction_id,
    jsonPayload.customer AS customer,
    jsonPayload.churned AS churned,
    timestamp AS reported_at
  FROM churn_predictions.run_googleapis_com_stdout
  WHERE jsonPayload.event = 'outcome'
  QUALIFY ROW_NUMBER() OVER (PARTITION BY jsonPayload.key ORDER BY timestamp DESC) = 1
)
SELECT
  p.prediction_id,
  p.model_version,
  p.probability,
  p.risk_level,
  p.predicted_at,
  o.churned,
  o.reported_at
FROM outcomes AS o
JOIN predictions AS p
  ON o.prediction_id = p.prediction_id
  OR (o.prediction_id IS NULL AND o.customer = p.customer AND p.predicted_at <= o.reported_at)
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY o.key ORDER BY p.predicted_at DESC) = 1
ORDER BY p.predicted_at
