package credential

import (
	"context"
	"crypto/sha1" //nolint:gosec // the AWS tools name their cache files by it
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
)

func usesSSO(c *config.SharedConfig) bool {
	return c.SSOSessionName != "" || c.SSOStartURL != "" || c.SSORegion != "" || c.SSOAccountID != "" || c.SSORoleName != ""
}

// portal is where a profile signs in: the session that it names, or the older
// way, the same values in the profile itself.
type portal struct {
	region, startURL string
	cacheKey         string // what the token file's name is made of
	renewable        bool   // sessions have a refresh token, the older kind has none
}

func portalOf(c *config.SharedConfig) portal {
	if s := c.SSOSession; s != nil {
		return portal{s.SSORegion, s.SSOStartURL, s.Name, true}
	}
	return portal{c.SSORegion, c.SSOStartURL, c.SSOStartURL, false}
}

// sso exchanges the cached token of `aws sso login` for the role's credentials (SSO portal, GetRoleCredentials).
func (p profileSource) sso(ctx context.Context, c *config.SharedConfig) (found, error) {
	at := portalOf(c)
	if m := ssoGaps(c, at); m != nil {
		return found{}, m
	}
	if p.env.home() == "" {
		return found{}, broken("HOME is not set, so it is unknown where the SSO token cache is", "Set HOME.")
	}
	cache := p.tokenFile(at.cacheKey)
	client := sso.New(sso.Options{Region: at.region, HTTPClient: p.aws, Retryer: retryer(), BaseEndpoint: optional(p.endpoints.SSO)})
	provider := ssocreds.New(client, c.SSOAccountID, c.SSORoleName, at.startURL, func(opt *ssocreds.Options) {
		opt.CachedTokenFilepath = cache
		if at.renewable {
			oidc := ssooidc.New(ssooidc.Options{Region: at.region, HTTPClient: p.aws, Retryer: retryer(), BaseEndpoint: optional(p.endpoints.SSOOIDC)})
			opt.SSOTokenProvider = ssocreds.NewSSOTokenProvider(oidc, cache)
		}
	})
	keys, err := provider.Retrieve(ctx)
	if err != nil {
		return found{}, ssoMiss(ctx, c, cache, err)
	}
	return found{
		keys:     keys,
		identity: fmt.Sprintf("sso:%s:%s:%s", at.startURL, c.SSOAccountID, c.SSORoleName),
		how:      fmt.Sprintf("SSO role %s in account %s", c.SSORoleName, c.SSOAccountID),
	}, nil
}

func optional(endpoint string) *string {
	if endpoint == "" {
		return nil
	}
	return &endpoint
}

// tokenFile returns where `aws sso login` keeps the token.
func (p profileSource) tokenFile(key string) string {
	sum := sha1.Sum([]byte(key)) //nolint:gosec // a file name, not a signature
	return filepath.Join(p.env.home(), ".aws", "sso", "cache", hex.EncodeToString(sum[:])+".json")
}

// ssoGaps names what the profile or its session lacks.
func ssoGaps(c *config.SharedConfig, at portal) *miss {
	var gaps []string
	for _, field := range []struct{ name, value string }{
		{"sso_region", at.region}, {"sso_start_url", at.startURL},
		{"sso_account_id", c.SSOAccountID}, {"sso_role_name", c.SSORoleName},
	} {
		if field.value == "" {
			gaps = append(gaps, field.name)
		}
	}
	if len(gaps) == 0 {
		return nil
	}
	return broken(fmt.Sprintf("profile %s uses SSO but lacks %s", c.Profile, strings.Join(gaps, ", ")),
		fmt.Sprintf("Run `aws configure sso --profile %s`.", c.Profile))
}

// ssoMiss tells a token that is missing or expired, which a new sign-in mends,
// from a portal that cannot be reached or that refuses the role.
func ssoMiss(ctx context.Context, c *config.SharedConfig, cache string, err error) *miss {
	login := fmt.Sprintf("Run `aws sso login --profile %s`.", c.Profile)
	token := readToken(cache)
	reason := why(ctx, err, token.AccessToken, token.RefreshToken, token.ClientSecret)
	var invalid *ssocreds.InvalidTokenError
	switch expired := !token.ExpiresAt.IsZero() && time.Now().After(token.ExpiresAt); {
	case errors.Is(err, fs.ErrNotExist):
		return broken(fmt.Sprintf("nobody has signed in to SSO for profile %s: %s does not exist", c.Profile, cache), login)
	case errors.Is(err, fs.ErrPermission):
		return broken("the SSO token cannot be read: "+reason, "Make the file readable by Adit's user.")
	case expired && code(err) == "" && status(err) == 0 && !unreachable(ctx, err), code(err) == "InvalidGrantException", code(err) == "ExpiredTokenException":
		return broken(fmt.Sprintf("the SSO token of profile %s expired at %s", c.Profile, token.ExpiresAt.UTC().Format(time.RFC3339)), login)
	case errors.As(err, &invalid), code(err) == "UnauthorizedException":
		return broken(fmt.Sprintf("the SSO portal does not accept the token of profile %s: %s", c.Profile, reason), login)
	case code(err) == "ForbiddenException":
		return broken(fmt.Sprintf("SSO refused role %s in account %s: %s", c.SSORoleName, c.SSOAccountID, reason), "Request the permission set, or correct sso_role_name and sso_account_id.")
	}
	return broken(fmt.Sprintf("SSO returned no credentials for profile %s: %s", c.Profile, reason), "Check that the SSO portal of "+portalOf(c).region+" can be reached; then "+strings.ToLower(login[:1])+login[1:])
}

// cachedToken is what Adit reads of the file that `aws sso login` writes.
type cachedToken struct {
	AccessToken, RefreshToken, ClientSecret string
	ExpiresAt                               time.Time
}

func readToken(file string) cachedToken {
	var token cachedToken
	content, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(content, &token) != nil {
		return cachedToken{}
	}
	return token
}
