# The function, its alias, and the URL that asks IAM who calls. Every apply with a new archive publishes a version; which
# one serves is what the alias says, so a canary and a rollback are one variable each.
resource "aws_lambda_function" "predict" {
  #checkov:skip=CKV_AWS_116:callers wait for the answer, so nothing is left for a dead letter queue
  #checkov:skip=CKV_AWS_117:the function calls nothing, so there is no network to put it into
  #checkov:skip=CKV_AWS_173:its one variable is no secret
  #checkov:skip=CKV_AWS_272:the archive's hash stands in the plan; who may apply may also sign
  function_name                  = var.function.name
  description                    = "Churn predictions; the model is in the binary"
  architectures                  = ["x86_64"]
  filename                       = var.function.archive
  handler                        = "bootstrap"
  memory_size                    = var.function.memory_mb
  publish                        = true
  reserved_concurrent_executions = var.function.max_concurrency
  role                           = aws_iam_role.serve.arn
  runtime                        = "provided.al2023"
  source_code_hash               = try(filebase64sha256(var.function.archive), null)
  timeout                        = var.function.timeout_seconds

  environment {
    variables = { PREDICTION_LOG = "rows" }
  }

  # The function writes JSON lines itself; Lambda passes them on as they are.
  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.predict.name
  }

  tracing_config {
    mode = "PassThrough"
  }
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "What callers reach"
  function_name    = aws_lambda_function.predict.function_name
  function_version = coalesce(var.live, aws_lambda_function.predict.version)

  dynamic "routing_config" {
    for_each = var.canary.version == null ? [] : [var.canary]
    content {
      additional_version_weights = { (routing_config.value.version) = routing_config.value.percent / 100 }
    }
  }
}

resource "aws_lambda_function_url" "live" {
  function_name      = aws_lambda_function.predict.function_name
  qualifier          = aws_lambda_alias.live.name
  authorization_type = "AWS_IAM"
}

resource "aws_cloudwatch_log_group" "predict" {
  #checkov:skip=CKV_AWS_158:CloudWatch encrypts it; ids of customers do not stand in it
  name              = "/aws/lambda/${var.function.name}"
  retention_in_days = var.function.log_days
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${var.function.name}-errors"
  alarm_description   = "The function fails: look at the log group, then set `live` to the version before."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"

  dimensions = {
    FunctionName = aws_lambda_function.predict.function_name
    Resource     = "${aws_lambda_function.predict.function_name}:${aws_lambda_alias.live.name}"
  }
}
