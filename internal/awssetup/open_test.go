package awssetup_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/awssetup"
	"github.com/adit-hq/adit/internal/fault"
)

func TestAMachineWithoutCredentialsIsToldApartFromASilentAWS(t *testing.T) {
	home := t.TempDir()
	config := filepath.Join(home, "config")
	if err := os.WriteFile(config, []byte("[profile broken]\ncredential_process = "+filepath.Join(home, "absent")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"HOME": home, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_CONFIG_FILE": config,
		"AWS_SHARED_CREDENTIALS_FILE": filepath.Join(home, "none"), "AWS_EC2_METADATA_DISABLED": "true", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": "", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "",
	} {
		t.Setenv(name, value)
	}
	for profile, want := range map[string]string{
		"":       "this machine has no AWS credentials",
		"broken": "this machine has no AWS credentials of the profile broken",
		"nobody": "nobody",
	} {
		_, err := awssetup.Open(t.Context(), awssetup.Access{Region: "us-east-1", Profile: profile})
		f := fault.From(err)
		if err == nil || f.Kind != fault.Config || !strings.Contains(f.Message, want) || !strings.Contains(f.Sentence(), "--profile") {
			t.Errorf("profile %q: %v", profile, err)
		}
	}
}
