-- A table of customers with what the model says of each, the likeliest to leave first. The arguments are the eleven fields
-- of the public contract, in its order.
SELECT
  customerID,
  churn.churn_probability(
    SeniorCitizen, tenure, MonthlyCharges, TotalCharges, InternetService, OnlineSecurity, TechSupport, StreamingTV,
    Contract, PaymentMethod, PaperlessBilling
  ) AS churn_probability
FROM crm.customers
ORDER BY churn_probability DESC, customerID
LIMIT 1000
