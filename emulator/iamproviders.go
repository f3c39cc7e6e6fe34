package emulator

import (
	"slices"
	"strings"
)

// IAM's quotas of OpenID Connect providers (IAM user guide, "IAM and STS
// quotas").
const (
	maxProviders   = 100 // of an account
	maxClientIDs   = 100 // of a provider
	maxThumbprints = 5   // of a provider
)

// providerARN is the ARN that a new provider will have: its URL without scheme.
func (c *iamCall) providerARN() string {
	return c.arn("oidc-provider/" + strings.TrimPrefix(c.text["Url"], "https://"))
}

func noProvider(arn string) *awsError {
	return iamError("NoSuchEntity", "OpenIDConnect Provider not found for arn "+clip(arn))
}

// createProvider is CreateOpenIDConnectProvider. IAM reaches for the issuer
// even when thumbprints are given, which is the stricter reading of its
// reference; without them it keeps the one that it finds.
func createProvider(c *iamCall) (string, *awsError) {
	issuer, arn := c.text["Url"], c.providerARN()
	if err := checkNewProvider(c, issuer, arn); err != nil {
		return "", err
	}
	seen, bad := c.x.e.contactIssuer(c.x.r.Context(), issuer)
	if bad != nil {
		return "", iamError("OpenIdIdpCommunicationError", "Please check if your OpenID Connect Provider URL "+clip(issuer)+" is reachable: "+bad.Error())
	}
	p := OIDCProvider{
		ARN: arn, URL: strings.TrimPrefix(issuer, "https://"), ClientIDs: distinct(c.list["ClientIDList"]),
		Thumbprints: lower(c.list["ThumbprintList"]), Tags: c.tags, Created: c.x.e.now(),
	}
	if len(p.Thumbprints) == 0 && seen != "" {
		p.Thumbprints = []string{seen}
	}
	if bad := c.x.e.iam.createProvider(p); bad != nil {
		return "", iamError("EntityAlreadyExists", "Provider with url "+clip(issuer)+" already exists.")
	}
	return element("OpenIDConnectProviderArn", arn) + someTags(p.Tags), nil
}

func checkNewProvider(c *iamCall, issuer, arn string) *awsError {
	if !strings.HasPrefix(issuer, "https://") && strings.Contains(issuer, "://") {
		return iamError("InvalidInput", "Invalid Open ID Connect Provider URL. The URL must begin with https://.")
	}
	if err := checkIssuerURL(issuer); err != nil {
		return iamError("ValidationError", "Invalid Open ID Connect Provider URL: "+err.Error())
	}
	if err := checkThumbprints(c.list["ThumbprintList"]); err != nil {
		return err
	}
	known := c.x.e.iam.providersOf(c.account())
	switch {
	case len(c.list["ClientIDList"]) > maxClientIDs:
		return iamError("LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")
	case slices.ContainsFunc(known, func(p OIDCProvider) bool { return p.ARN == arn }):
		return iamError("EntityAlreadyExists", "Provider with url "+clip(issuer)+" already exists.")
	case len(known) >= maxProviders:
		return iamError("LimitExceeded", "Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100")
	}
	return c.allowTags("TagOpenIDConnectProvider", arn)
}

// checkThumbprints wants hexadecimal digits: the shape has seen to their number.
func checkThumbprints(list []string) *awsError {
	if len(list) > maxThumbprints {
		return iamError("InvalidInput", "Thumbprint list must contain fewer than 5 entries.")
	}
	for _, t := range list {
		if !thumbprint.MatchString(strings.ToLower(t)) {
			return iamError("InvalidInput", "Thumbprint "+t+" is not the SHA-1 hash of a certificate in 40 hexadecimal digits.")
		}
	}
	return nil
}

// getProvider is GetOpenIDConnectProvider.
func getProvider(c *iamCall) (string, *awsError) {
	p, known := c.x.e.iam.provider(c.text["OpenIDConnectProviderArn"])
	if !known || !c.owns(p.ARN) {
		return "", noProvider(c.text["OpenIDConnectProviderArn"])
	}
	return element("Url", p.URL) + element("CreateDate", iamTime(p.Created)) + members("ClientIDList", escaped(p.ClientIDs)) +
		members("ThumbprintList", escaped(p.Thumbprints)) + tagsXML(p.Tags), nil
}

// owns says whether an ARN is of the caller's account: IAM knows no other.
func (c *iamCall) owns(text string) bool {
	a, err := parseARN(text)
	return err == nil && a.account == c.account()
}

// listProviders is ListOpenIDConnectProviders, which is not paginated.
func listProviders(c *iamCall) (string, *awsError) {
	var items []string
	for _, p := range c.x.e.iam.providersOf(c.account()) {
		items = append(items, element("Arn", p.ARN))
	}
	return members("OpenIDConnectProviderList", items), nil
}

// deleteProvider is DeleteOpenIDConnectProvider. It is idempotent, and roles
// that name the provider stay as they are (IAM API reference).
func deleteProvider(c *iamCall) (string, *awsError) {
	if arn := c.text["OpenIDConnectProviderArn"]; c.owns(arn) {
		_ = c.x.e.iam.deleteProvider(arn) // its one error is that there is none
	}
	return "", nil
}
