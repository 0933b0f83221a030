#pragma once

#include <array>
#include <string_view>

namespace nimbus::aws {

/// How a service writes its requests and answers. Source: the `protocol` of each service model.
enum class Protocol {
    query,     ///< form-encoded requests, XML answers
    rest_xml,  ///< S3
    rest_json, ///< JSON bodies, members in path, query and headers
    json_1_1,  ///< JSON bodies, the operation in X-Amz-Target
};

/// How long an answer may take.
enum class Pace {
    usual,
    quick, ///< without it nothing can begin: it comes at once, or the person should know soon
};

/// What all operations of a service have in common.
struct Service {
    std::string_view name;         ///< for people: "API Gateway"
    std::string_view signing_name; ///< in the credential scope
    std::string_view endpoint_prefix;
    std::string_view environment_id; ///< in AWS_ENDPOINT_URL_<id> and, lower case, in profiles
    Protocol protocol;
    std::string_view api_version;   ///< `Version` of the query protocol
    std::string_view target_prefix; ///< of X-Amz-Target, json_1_1 only
    Pace pace = Pace::usual;
};

namespace services {

inline constexpr Service sts{"STS",           "sts",        "sts", "STS",
                             Protocol::query, "2011-06-15", "",    Pace::quick};
inline constexpr Service iam{"IAM", "iam", "iam", "IAM", Protocol::query, "2010-05-08", ""};
inline constexpr Service s3{"S3", "s3", "s3", "S3", Protocol::rest_xml, "2006-03-01", ""};
inline constexpr Service dsql{"Aurora DSQL",       "dsql",       "dsql", "DSQL",
                              Protocol::rest_json, "2018-05-10", ""};
inline constexpr Service lambda{"Lambda",     "lambda", "lambda", "LAMBDA", Protocol::rest_json,
                                "2015-03-31", ""};
inline constexpr Service apigatewayv2{"API Gateway",
                                      "apigateway",
                                      "apigateway",
                                      "APIGATEWAYV2",
                                      Protocol::rest_json,
                                      "2018-11-29",
                                      ""};
inline constexpr Service logs{"CloudWatch Logs",  "logs",       "logs",         "CLOUDWATCH_LOGS",
                              Protocol::json_1_1, "2014-03-28", "Logs_20140328"};
inline constexpr Service secretsmanager{"Secrets Manager", "secretsmanager",   "secretsmanager",
                                        "SECRETS_MANAGER", Protocol::json_1_1, "2017-10-17",
                                        "secretsmanager"};
inline constexpr Service scheduler{"EventBridge Scheduler", "scheduler",  "scheduler", "SCHEDULER",
                                   Protocol::rest_json,     "2021-06-30", ""};

/// Where people get their credentials from.
inline constexpr Service sso{"IAM Identity Center", "awsssoportal", "portal.sso", "SSO",
                             Protocol::rest_json,   "2019-06-10",   "",           Pace::quick};
inline constexpr Service sso_oidc{"IAM Identity Center OIDC", "sso-oauth",  "oidc", "SSO_OIDC",
                                  Protocol::rest_json,        "2019-06-10", "",     Pace::quick};
inline constexpr Service signin{"AWS Sign-In",       "signin",     "signin", "SIGNIN",
                                Protocol::rest_json, "2023-01-01", "",       Pace::quick};

inline constexpr std::array all{&sts,       &iam,          &s3,       &dsql,
                                &lambda,    &apigatewayv2, &logs,     &secretsmanager,
                                &scheduler, &sso,          &sso_oidc, &signin};

} // namespace services
} // namespace nimbus::aws
