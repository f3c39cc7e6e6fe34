package awssetup

import (
	"context"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/model"
)

// Access says how the administrator reaches the account.
type Access struct {
	// Region is the environment's: Bedrock is asked there, and it tells the partition of IAM.
	Region string
	// Profile is a profile of the administrator's AWS configuration; "" takes the default credentials.
	Profile string
	// Credentials replace both.
	Credentials aws.CredentialsProvider
	// EndpointURL replaces the endpoints of IAM, STS and Bedrock; "" leaves them
	// to the administrator's AWS configuration.
	EndpointURL string
	// HTTP sends the requests; nil means the SDK's own client.
	HTTP *http.Client
}

// Open returns the account behind the administrator's own credentials, found as
// AWS's tools find them, unless Credentials are given: then nothing of the
// machine's AWS configuration is read. Environments never use these.
func Open(ctx context.Context, a Access) (AWS, error) {
	c := aws.Config{Region: a.Region, Credentials: a.Credentials, AppID: appID}
	if a.Credentials == nil {
		var err error
		if c, err = ofMachine(ctx, a); err != nil {
			return AWS{}, err
		}
	}
	if a.HTTP != nil {
		c.HTTPClient = a.HTTP
	}
	if a.EndpointURL != "" {
		c.BaseEndpoint = aws.String(a.EndpointURL)
	}
	atHome := func(o *iam.Options) { o.Region = home(model.Partition(a.Region)) }
	return AWS{Identity: sts.NewFromConfig(c), IAM: iam.NewFromConfig(c, atHome), Bedrock: bedrock.NewFromConfig(c)}, nil
}

// appID is how requests name themselves to AWS.
const appID = "adit-setup"

// ofMachine reads the administrator's AWS configuration.
func ofMachine(ctx context.Context, a Access) (aws.Config, error) {
	opts := []func(*config.LoadOptions) error{config.WithRegion(a.Region), config.WithAppID(appID)}
	if a.Profile != "" {
		opts = append(opts, config.WithSharedConfigProfile(a.Profile))
	}
	c, err := config.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return aws.Config{}, fault.Wrap(err, fault.Config, "the AWS configuration of this machine cannot be used: %s", firstLine(err)).
			WithRemedy("Check the profile with `aws sts get-caller-identity`, or name another with --profile.")
	}
	switch _, err := c.Credentials.Retrieve(ctx); {
	case ctx.Err() != nil:
		return aws.Config{}, fault.From(ctx.Err())
	case err != nil:
		return aws.Config{}, fault.Wrap(err, fault.Config, "this machine has no AWS credentials%s", of(a.Profile)).WithCode("no_aws_credentials").
			WithRemedy("Sign in as an administrator of the account, such as with `aws sso login` or `aws configure`, name a profile with --profile, or print the steps for an administrator with --format.").
			WithDetail("%s", firstLine(err))
	}
	return c, nil
}

func of(profile string) string {
	if profile == "" {
		return ""
	}
	return " of the profile " + profile
}

// firstLine is what the SDK says of the machine's configuration, for one line.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return clipMessage(line)
}

// home is the region that calls of IAM are signed for, whichever region they
// are about (AWS General Reference, IAM endpoints).
func home(partition string) string {
	switch partition {
	case "aws-cn":
		return "cn-north-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	}
	return "us-east-1"
}
