package credential

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
)

// imdsSource asks the instance metadata service of EC2, version 2 only: a
// session token first, then the role's credentials.
type imdsSource struct{ *outside }

func (imdsSource) name() string { return SourceIMDS }

func (i imdsSource) retrieve(ctx context.Context) (found, error) {
	if i.env.truthy("AWS_EC2_METADATA_DISABLED") {
		return found{}, absent("AWS_EC2_METADATA_DISABLED is true", "On EC2, unset it.")
	}
	endpoint := cmp.Or(i.endpoints.IMDS, i.address())
	client := imds.New(imds.Options{
		Endpoint:          endpoint,
		ClientEnableState: imds.ClientEnabled,
		EnableFallback:    aws.FalseTernary,
		HTTPClient:        impatient{i.local},
		Retryer:           retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = 2 }),
	})
	keys, err := ec2rolecreds.New(func(opt *ec2rolecreds.Options) { opt.Client = client }).Retrieve(ctx)
	if err == nil {
		return found{keys: keys, identity: SourceIMDS, how: "role of the EC2 instance"}, nil
	}
	switch status(err) {
	case http.StatusNotFound:
		return found{}, broken("the EC2 instance has no role", "Attach an instance profile to the instance.")
	case 0:
		return found{}, absent("the EC2 metadata service at "+endpoint+" does not answer: "+why(ctx, err),
			"On EC2 within a container, raise the instance's metadata hop limit to 2; elsewhere set AWS_EC2_METADATA_DISABLED=true to save the wait.")
	}
	return found{}, broken("the EC2 metadata service gave no credentials: "+why(ctx, err), "Check that the instance allows IMDSv2 and that its role still exists.")
}

func (i imdsSource) address() string {
	if strings.EqualFold(i.env.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"), "ipv6") {
		return "http://[fd00:ec2::254]"
	}
	return "http://169.254.169.254"
}

// impatient gives one attempt a second: where there is no metadata service,
// its address swallows packets, and two attempts must leave room in the budget.
type impatient struct{ requester }

// Do sends the request.
func (i impatient) Do(req *http.Request) (*http.Response, error) {
	client := *i.client
	client.Timeout = time.Second
	return requester{&client}.Do(req)
}
