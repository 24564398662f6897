output "url" {
  description = "The API, for requests that are signed (AWS Signature Version 4)."
  value       = aws_lambda_function_url.live.function_url
}

output "version" {
  description = "The version that this apply published: what `live` or `canary.version` may be set to."
  value       = aws_lambda_function.predict.version
}
