import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import {
  DomainName,
  HttpApi,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'

export interface ApiDomain {
  /** For example pushpool.example.com. */
  name: string
  /** Of a certificate for that name, in the stack's region. */
  certificateArn: string
}

export interface ApiProps {
  domain?: ApiDomain | undefined
  /** Requests that the stage lets through, of all callers together. */
  requestsPerSecond: number
  requestBurst: number
  /** Keeps access logs when the stack goes. */
  keep: boolean
}

/** Ids and figures, never a payload or a query. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    at: '$context.requestTimeEpoch',
    ip: '$context.identity.sourceIp',
    userAgent: '$context.identity.userAgent',
    keyId: '$context.authorizer.keyId',
    method: '$context.httpMethod',
    path: '$context.path',
    status: '$context.status',
    authorizerError: '$context.authorizer.error',
    latencyMs: '$context.responseLatency',
    integrationError: '$context.integrationErrorMessage',
  }),
)

/**
 * The HTTP API: one route for everything, behind the authorizer. Its address is known before its functions, which need
 * it.
 */
export class Api extends Construct {
  readonly httpApi: HttpApi
  /** Where clients reach it, `/api` included. */
  readonly url: string
  /** What a DNS record of a domain of one's own must point to. */
  readonly domainTarget: string | undefined

  constructor(scope: Construct, id: string, { domain, requestsPerSecond, requestBurst, keep }: ApiProps) {
    super(scope, id)
    const domainName = domain && this.#domainName(domain)
    this.httpApi = new HttpApi(this, 'HttpApi', {
      apiName: this.node.path.replaceAll('/', '-'),
      createDefaultStage: false,
      // With a domain of one's own there is one way in, which one's own firewall or CDN can guard.
      disableExecuteApiEndpoint: domain !== undefined,
    })
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    })
    new HttpStage(this, 'Stage', {
      httpApi: this.httpApi,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: requestsPerSecond, burstLimit: requestBurst },
      accessLogSettings: { destination: new LogGroupLogDestination(accessLogs), format: ACCESS_LOG },
      ...(domainName ? { domainMapping: { domainName } } : {}),
    })
    this.url = `${domain ? `https://${domain.name}` : this.httpApi.apiEndpoint}/api`
    this.domainTarget = domainName?.regionalDomainName
  }

  /**
   * Has one function answer all requests, once the other has found out who calls. What it found is not kept, so that a
   * revoked key is refused at once, and no header is required: API Gateway would then answer by itself, in words that
   * clients don't know.
   */
  serve(api: IFunction, authorizer: IFunction): void {
    new HttpRoute(this, 'Everything', {
      httpApi: this.httpApi,
      routeKey: HttpRouteKey.DEFAULT,
      integration: new HttpLambdaIntegration('Integration', api),
      authorizer: new HttpLambdaAuthorizer('Authorizer', authorizer, {
        responseTypes: [HttpLambdaResponseType.SIMPLE],
        identitySource: [],
        resultsCacheTtl: Duration.seconds(0),
      }),
    })
  }

  #domainName({ name, certificateArn }: ApiDomain): DomainName {
    const certificate = Certificate.fromCertificateArn(this, 'Certificate', certificateArn)
    return new DomainName(this, 'Domain', { domainName: name, certificate })
  }
}
