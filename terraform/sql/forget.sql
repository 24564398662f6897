-- Deletes all lines of one customer: his predictions, and the outcomes that name him or one of them. @customer is his pseudonym,
-- the first 32 hex digits of HMAC-SHA256 of his id (the guide has the line that makes it). Rows that came in within the
-- last half hour or so are still in the streaming buffer, and BigQuery refuses: run it again then.
DELETE FROM churn_predictions.run_googleapis_com_stdout
WHERE jsonPayload.customer = @customer
  OR jsonPayload.prediction_id IN (
    SELECT p.jsonPayload.prediction_id
    FROM churn_predictions.run_googleapis_com_stdout AS p
    WHERE p.jsonPayload.customer = @customer
      AND p.jsonPayload.event = 'prediction'
  )
