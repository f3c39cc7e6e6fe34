package credential

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/adit-hq/adit/internal/fault"
)

// explain says why a profile gave nothing, from the files as they are written.
func (p profileSource) explain(ctx context.Context, files sharedFiles, err error) error {
	profile := p.profile()
	for _, file := range []sharedFile{files.config, files.credentials} {
		if file.unreadable() {
			return broken("cannot read "+why(ctx, file.err), "Make the file readable by Adit's user (chmod 600, owned by that user).")
		}
	}
	if m := files.halfKeys(profile); m != nil {
		return m
	}
	if m := files.misspelt(profile); m != nil {
		return m
	}
	var none config.SharedConfigProfileNotExistError
	var lost config.SharedConfigAssumeRoleError
	var m *miss
	switch {
	case errors.As(err, &m):
		return m
	case errors.As(err, &lost):
		return broken(fmt.Sprintf("profile %s has source_profile = %s, which does not exist or has no credentials", profile, lost.Profile),
			fmt.Sprintf("Run `aws configure --profile %s`, or correct source_profile.", lost.Profile))
	case errors.As(err, &none):
		return p.unknown(files)
	}
	return broken(fmt.Sprintf("profile %s cannot be used: %s", profile, scrub(fault.Root(err).Error(), nil)), "Correct the profile in "+files.config.path+".")
}

// unknown is the miss of a profile that is in neither file.
func (p profileSource) unknown(files sharedFiles) *miss {
	profile, variable := p.env.profile()
	known := files.profiles()
	switch {
	case p.fixed != "":
		return broken(fmt.Sprintf("profile %s (aws_profile) is neither in %s nor in %s", p.fixed, files.config.path, files.credentials.path), others(known))
	case variable != "":
		return broken(fmt.Sprintf("profile %s (%s) is neither in %s nor in %s", profile, variable, files.config.path, files.credentials.path), others(known))
	case files.config.path == "" && files.credentials.path == "":
		return absent("HOME is not set, so it is unknown where the files are", "Set HOME, or AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE.")
	case files.config.missing() && files.credentials.missing():
		return absent(fmt.Sprintf("neither %s nor %s exists", files.config.path, files.credentials.path), "Run `aws configure` or `aws configure sso`.")
	}
	if ignored := files.misplaced(); len(ignored) > 0 {
		return files.misspelt(strings.TrimPrefix(ignored[0].head, "profile "))
	}
	return absent("there is no default profile", others(known))
}

func others(known []string) string {
	if len(known) == 0 {
		return "Run `aws configure` or `aws configure sso`."
	}
	return "Set AWS_PROFILE or aws_profile to one of: " + strings.Join(known, ", ") + "."
}

// halfKeys returns the miss of a profile with one key and not the other.
func (s sharedFiles) halfKeys(profile string) *miss {
	const id, key = "aws_access_key_id", "aws_secret_access_key"
	for _, place := range []struct {
		file sharedFile
		head string
	}{{s.config, "profile " + profile}, {s.config, profile}, {s.credentials, profile}} {
		sec, ok := place.file.section(place.head)
		if !ok || sec.keys[id] == sec.keys[key] {
			continue
		}
		set, unset := id, key
		if sec.keys[key] {
			set, unset = key, id
		}
		return broken(fmt.Sprintf("%s line %d: [%s] has %s and no %s", place.file.path, sec.line, sec.head, set, unset), "Write both into the same section.")
	}
	return nil
}

// misspelt returns the miss of a profile whose section stands in the wrong
// spelling for its file: the credentials file wants [X], the config file [profile X].
func (s sharedFiles) misspelt(profile string) *miss {
	if sec, ok := s.credentials.section("profile " + profile); ok {
		where := s.config.path
		if where == "" {
			where = "the config file"
		}
		return broken(fmt.Sprintf("%s line %d has [%s]: AWS tools ignore that spelling in the credentials file", s.credentials.path, sec.line, sec.head),
			fmt.Sprintf("Move the section to %s.", where))
	}
	if sec, ok := s.config.section(profile); ok && profile != "default" {
		return broken(fmt.Sprintf("%s line %d has [%s]: AWS tools ignore that spelling in the config file", s.config.path, sec.line, sec.head),
			fmt.Sprintf("Write [profile %s].", profile))
	}
	return nil
}
