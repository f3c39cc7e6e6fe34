package credential

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
)

// ecsSource asks the endpoint that ECS and EKS Pod Identity put into a container's environment.
type ecsSource struct{ *outside }

func (ecsSource) name() string { return SourceECS }

func (e ecsSource) retrieve(ctx context.Context) (found, error) {
	endpoint, err := e.endpoint(ctx)
	if err != nil {
		return found{}, err
	}
	token, err := e.token(ctx)
	if err != nil {
		return found{}, err
	}
	provider := endpointcreds.New(endpoint, func(opt *endpointcreds.Options) {
		opt.HTTPClient = e.local
		opt.Retryer = retryer()
		opt.AuthorizationToken = token
	})
	keys, err := provider.Retrieve(ctx)
	if err != nil {
		return found{}, broken("the container credential endpoint returned none: "+why(ctx, err, token, endpoint),
			"Check that the task has a task role (ECS), or the pod an association (EKS Pod Identity).")
	}
	return found{keys: keys, identity: SourceECS, how: "container credential endpoint"}, nil
}

// endpoint returns the URL to ask. Plain http is let through only to loopback
// and to the link-local addresses of ECS and EKS, as the AWS SDKs do, because
// the answer holds a secret.
func (e ecsSource) endpoint(ctx context.Context) (string, error) {
	const relative, full = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"
	if path := e.env.get(relative); path != "" {
		if !strings.HasPrefix(path, "/") {
			return "", broken(relative+" does not begin with a slash", "Leave the variable as ECS sets it.")
		}
		return strings.TrimSuffix(e.endpoints.ECS, "/") + path, nil
	}
	endpoint := e.env.get(full)
	if endpoint == "" {
		return "", absent(relative+" and "+full+" are not set", "")
	}
	parsed, err := url.Parse(endpoint)
	if err != nil || parsed.Hostname() == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		return "", broken(full+" is not an http or https URL", "Leave the variable as the platform sets it.")
	}
	if parsed.Scheme == "http" && !local(ctx, parsed.Hostname()) {
		return "", broken(fmt.Sprintf("%s names %s over plain http, which is allowed only to loopback, ECS and EKS addresses", full, parsed.Hostname()),
			"Use https, or an address that stays on this machine.")
	}
	return endpoint, nil
}

// local reports whether every address of the host stays on this machine.
func local(ctx context.Context, host string) bool {
	addresses := []string{host}
	if net.ParseIP(host) == nil {
		var err error
		if addresses, err = net.DefaultResolver.LookupHost(ctx, host); err != nil {
			return false
		}
	}
	for _, address := range addresses {
		switch ip := net.ParseIP(address); {
		case ip.IsLoopback(), ip.Equal(net.IPv4(169, 254, 170, 2)), ip.Equal(net.IPv4(169, 254, 170, 23)), ip.Equal(net.ParseIP("fd00:ec2::23")):
		default:
			return false
		}
	}
	return true
}

// token returns what the endpoint wants in the Authorization header. A file
// wins and is read every time, because EKS renews it.
func (e ecsSource) token(ctx context.Context) (string, error) {
	const inline, file = "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
	variable, token := inline, e.env.get(inline)
	if path := e.env.get(file); path != "" {
		content, err := os.ReadFile(path)
		if err != nil {
			return "", broken(file+" cannot be read: "+why(ctx, err), "Check that the file exists and that Adit's user may read it.")
		}
		variable, token = file, strings.TrimRight(string(content), "\r\n")
	}
	if strings.ContainsAny(token, "\r\n") {
		return "", broken(variable+" has a line break in its token", "Write the token on one line.")
	}
	return token, nil
}
