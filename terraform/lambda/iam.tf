# The function may write its log, and nothing else. Callers are named; nobody calls without a signature.
resource "aws_iam_role" "serve" {
  name = "${var.function.name}-serve"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "log" {
  name = "log"
  role = aws_iam_role.serve.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.predict.arn}:*"
    }]
  })
}

# A URL that asks IAM needs both permissions; the second only for calls that come through the URL.
resource "aws_lambda_permission" "url" {
  for_each = toset(var.invokers)

  action                 = "lambda:InvokeFunctionUrl"
  function_name          = aws_lambda_function.predict.function_name
  function_url_auth_type = "AWS_IAM"
  principal              = each.value
  qualifier              = aws_lambda_alias.live.name
}

resource "aws_lambda_permission" "invoke" {
  for_each = toset(var.invokers)

  action                   = "lambda:InvokeFunction"
  function_name            = aws_lambda_function.predict.function_name
  invoked_via_function_url = true
  principal                = each.value
  qualifier                = aws_lambda_alias.live.name
}
