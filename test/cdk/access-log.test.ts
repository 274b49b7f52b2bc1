import { expect, it } from 'vitest'
import type { AuthorizerResult } from '../../functions/authorizer/handler.ts'
import { resourcesOf, templateOf } from '../support/stack.ts'

/**
 * All variables of HTTP APIs. Another name, such as one of REST APIs, is logged as `-`. Those of IAM, Cognito and mutual
 * TLS are left out: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
const VARIABLES = `
  accountId apiId awsEndpointRequestId awsEndpointRequestId2 customDomain.basePathMatched dataProcessed domainName
  domainPrefix extendedRequestId httpMethod path protocol requestId requestTime requestTimeEpoch responseLatency
  responseLength routeKey stage status
  authorizer.error authorizer.principalId
  error.message error.messageString error.responseType
  identity.sourceIp identity.userAgent
  integration.error integration.integrationStatus integration.latency integration.requestId integration.status
  integrationErrorMessage integrationLatency integrationStatus`
  .trim()
  .split(/\s+/)

/** What the authorizer adds, each as `authorizer.<name>`. */
const OURS: Record<keyof AuthorizerResult['context'], true> = { scope: true, keyId: true, keyUnread: true }

it('the access log has only variables that an HTTP API fills', () => {
  const [[, stage] = []] = resourcesOf(templateOf(), 'AWS::ApiGatewayV2::Stage')
  const { Format } = (stage?.Properties.AccessLogSettings ?? {}) as { Format: string }
  const values = Object.values(JSON.parse(Format) as Record<string, string>)
  const known = new Set([...VARIABLES, ...Object.keys(OURS).map((name) => `authorizer.${name}`)])
  expect(values.filter((value) => !known.has(value.replace('$context.', '')))).toEqual([])
  expect(values).toContain('$context.authorizer.error')
})
