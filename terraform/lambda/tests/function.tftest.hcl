# The function, who may call it, and how a version gets its share.
mock_provider "aws" {
  override_resource {
    target = aws_lambda_function.predict
    values = { version = "7", arn = "arn:aws:lambda:eu-west-1:123456789012:function:churn-predict" }
  }
  override_resource {
    target = aws_iam_role.serve
    values = { arn = "arn:aws:iam::123456789012:role/churn-predict-serve" }
  }
  override_resource {
    target = aws_cloudwatch_log_group.predict
    values = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/churn-predict" }
  }
}

run "it_is_small_and_bounded" {
  assert {
    condition     = aws_lambda_function.predict.memory_size == 128 && aws_lambda_function.predict.reserved_concurrent_executions == 10 && aws_lambda_function.predict.runtime == "provided.al2023" && aws_lambda_function.predict.handler == "bootstrap"
    error_message = "128 MB, ten at a time, the static binary"
  }
  assert {
    condition     = aws_lambda_function.predict.publish && aws_lambda_alias.live.function_version == "7" && length(aws_lambda_alias.live.routing_config) == 0
    error_message = "the published version gets everything"
  }
  assert {
    condition     = aws_cloudwatch_log_group.predict.retention_in_days == 400 && aws_lambda_function.predict.logging_config[0].log_group == "/aws/lambda/churn-predict"
    error_message = "its lines expire"
  }
}

run "the_url_asks_who_calls" {
  assert {
    condition     = aws_lambda_function_url.live.authorization_type == "AWS_IAM" && aws_lambda_function_url.live.qualifier == "live" && length(aws_lambda_permission.url) == 0 && length(aws_lambda_permission.invoke) == 0
    error_message = "nobody calls without a signature, and by default nobody is named"
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.log.policy).Statement == [{ Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/churn-predict:*" }]
    error_message = "the function writes its log and nothing else"
  }
}

run "a_canary_gets_its_share" {
  variables {
    live     = "6"
    canary   = { version = "7", percent = 25 }
    invokers = ["arn:aws:iam::123456789012:role/crm"]
  }
  assert {
    condition     = aws_lambda_alias.live.function_version == "6" && aws_lambda_alias.live.routing_config[0].additional_version_weights == tomap({ "7" = 0.25 })
    error_message = "a quarter"
  }
  assert {
    condition     = [for permission in aws_lambda_permission.url : "${permission.principal} ${permission.qualifier} ${permission.function_url_auth_type}"] == ["arn:aws:iam::123456789012:role/crm live AWS_IAM"] && alltrue([for permission in aws_lambda_permission.invoke : permission.invoked_via_function_url])
    error_message = "who is named calls the alias through the URL"
  }
}

run "everybody_is_refused" {
  command = plan
  variables {
    invokers = ["*"]
  }
  expect_failures = [var.invokers]
}

run "the_latest_code_is_no_version" {
  command = plan
  variables {
    live = "$LATEST"
  }
  expect_failures = [var.live]
}

run "a_share_of_everything_is_refused" {
  command = plan
  variables {
    canary = { version = "7", percent = 100 }
  }
  expect_failures = [var.canary]
}

run "no_limit_is_refused" {
  command = plan
  variables {
    function = { max_concurrency = 0, log_days = 0 }
  }
  expect_failures = [var.function]
}
