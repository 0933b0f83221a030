#pragma once

#include "http/message.h"

#include <string>

namespace nimbus::aws::testing_sts {

/// What STS answers to AssumeRole and its like.
inline http::Response role_answer(const std::string& operation, const std::string& access_key_id,
                                  const std::string& expiration = "2033-05-18T03:33:20Z")
{
    return {.status = 200,
            .body = "<" + operation +
                    R"(Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><)" + operation +
                    R"(Result>
    <AssumedRoleUser>
      <AssumedRoleId>AROA:s</AssumedRoleId>
      <Arn>arn:aws:sts::123456789012:assumed-role/deployer/s</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>)" +
                    access_key_id +
                    R"(</AccessKeyId>
      <SecretAccessKey>role-secret</SecretAccessKey>
      <SessionToken>role-token</SessionToken>
      <Expiration>)" +
                    expiration +
                    R"(</Expiration>
    </Credentials>
  </)" + operation + "Result></" +
                    operation + "Response>"};
}

} // namespace nimbus::aws::testing_sts
