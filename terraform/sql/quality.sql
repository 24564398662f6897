-- How right a model was in ten bands of what it said: of those with a probability of about 0.3, did about 30 % leave?
-- Reads joined rows: run it with outcomes.sql saved as the view churn_predictions.outcomes.
SELECT
  model_version,
  LEAST(CAST(FLOOR(probability * 10) AS INT64), 9) AS band,
  COUNT(*) AS customers,
  AVG(probability) AS said,
  COUNTIF(churned) / COUNT(*) AS left_us,
  AVG(POW(probability - IF(churned, 1, 0), 2)) AS brier_score
FROM churn_predictions.outcomes
GROUP BY model_version, band
ORDER BY model_version, band
