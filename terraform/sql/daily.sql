-- Predictions a day and model: how many, how risky, and how the risk is spread.
SELECT
  DATE(timestamp) AS day,
  jsonPayload.model_version AS model_version,
  COUNT(*) AS predictions,
  AVG(jsonPayload.probability) AS mean_probability,
  COUNTIF(jsonPayload.risk_level = 'LOW') / COUNT(*) AS share_low,
  COUNTIF(jsonPayload.risk_level = 'MEDIUM') / COUNT(*) AS share_medium,
  COUNTIF(jsonPayload.risk_level = 'HIGH') / COUNT(*) AS share_high
FROM churn_predictions.run_googleapis_com_stdout
WHERE jsonPayload.event = 'prediction'
  AND DATE(timestamp) BETWEEN @first_day AND @last_day
GROUP BY day, model_version
ORDER BY day, model_version
