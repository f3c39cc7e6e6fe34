package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// startOfFile starts a server with a model in a file, on a data directory that
// outlives it; asked is the organization that the settings name.
func startOfFile(t *testing.T, dir, asked string) *replica {
	t.Helper()
	file := filepath.Join(t.TempDir(), "spicepod.yaml")
	const pod = "version: v1\nkind: Spicepod\nname: test\nembeddings:\n  - from: bedrock:amazon.titan-embed-text-v2:0\n    name: titan\n    params:\n      aws_region: us-east-1\n"
	if err := os.WriteFile(file, []byte(pod), 0o600); err != nil {
		t.Fatal(err)
	}
	return startReplica(t, newAWS(t), func(s *Settings) {
		s.Config, s.State.DataDir, s.State.FileOrganization = file, dir, asked
		s.APIKeys = []secret.String{secret.New("key-of-the-settings")}
		s.Environ = []string{"HOME=" + filepath.Dir(file), "AWS_EC2_METADATA_DISABLED=true"}
	})
}

func (r *replica) rename(c *client.Client, org, name string) error {
	_, err := c.UpdateOrganization(r.t.Context(), org, wire.OrganizationPatch{Name: &name})
	return err
}

// ofFile is the id of the organization that the server says the file is of.
func (r *replica) ofFile() string {
	r.t.Helper()
	page, err := r.control.OrganizationPage(r.t.Context(), client.List{Filter: map[string]string{"file": "true"}})
	if err != nil || len(page.Items) != 1 || !page.Items[0].File {
		r.t.Fatalf("%+v, %v", page.Items, err)
	}
	return page.Items[0].ID
}

// TestTheFileStaysWithItsOrganizationUnderAnyName: nobody else comes to own the
// models of spicepod.yaml with the name that its organization had.
func TestTheFileStaysWithItsOrganizationUnderAnyName(t *testing.T) {
	dir := t.TempDir()
	var owner, other, first string
	t.Run("the first start", func(t *testing.T) {
		r := startOfFile(t, dir, "default")
		r.organization("other")
		owner, other, first = r.key("default", "app", "invoke"), r.key("other", "app", "invoke"), r.ofFile()
		if err := r.rename(r.control, "default", "acme"); err != nil {
			t.Fatal(err)
		}
		evil := r.clientOf(secret.New(r.key("other", "owner", "owner")))
		if f := fault.From(r.rename(evil, "other", "default")); f == nil || f.Kind != fault.Forbidden || f.Remedy == "" {
			t.Errorf("an owner takes a name that is free: %v", f)
		}
		if f := fault.From(r.rename(evil, "other", "acme")); f == nil || f.Kind != fault.Forbidden {
			t.Errorf("an owner is told which names are taken: %v", f)
		}
		if err := r.rename(r.control, "other", "default"); err != nil { // an operator may
			t.Fatal(err)
		}
	})
	for _, asked := range []string{"default", ""} {
		t.Run("asked for "+asked, func(t *testing.T) {
			r := startOfFile(t, dir, asked)
			if got := r.ofFile(); got != first || r.holder().Organization != first {
				t.Errorf("the file belongs to %s, and the keys of the settings to %s; want %s", got, r.holder().Organization, first)
			}
			if a := r.get("/v1/models/titan", owner); a.status != 200 {
				t.Errorf("its own organization: %+v", a)
			}
			if a := r.get("/v1/models/titan", other); a.status != 404 {
				t.Errorf("the organization that has its name now: %+v", a)
			}
		})
	}
}

func TestTheFileMovesWhenAnOperatorAsksForAnotherOrganization(t *testing.T) {
	dir := t.TempDir()
	var ids []string
	start := func(name, asked string, do func(r *replica)) {
		t.Run(name, func(t *testing.T) {
			r := startOfFile(t, dir, asked)
			ids = append(ids, r.ofFile())
			do(r)
		})
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var lab string
	start("at first", "default", func(r *replica) { lab = r.organization("lab") })
	start("to another", "lab", func(r *replica) { must(r.control.DeleteOrganization(t.Context(), "default", true)) })
	start("a command asks for none", "", func(r *replica) {
		rows, err := r.control.EventPage(t.Context(), "", client.List{Filter: map[string]string{"action": fileSetting}})
		if err != nil || len(rows.Items) != 1 || rows.Items[0].Details["former"] != ids[0] || rows.Items[0].Details["now"] != lab {
			t.Errorf("what the audit tells: %+v, %v", rows.Items, err)
		}
		must(r.control.DeleteOrganization(t.Context(), "lab", true))
		r.organization("lab")
	})
	start("to one that was made in place of a deleted one", "lab", func(*replica) {})
	if ids[0] == lab || ids[1] != lab || ids[2] != lab || ids[3] == lab || ids[3] == ids[0] {
		t.Errorf("%v; lab was %s", ids, lab)
	}
}

func TestADamagedNoteOfTheFilesOrganizationIsTold(t *testing.T) {
	dir := t.TempDir()
	settings := StateSettings{DataDir: dir}
	open := func() (*state, error) {
		return openState(t.Context(), settings, surroundings{log: slog.New(slog.DiscardHandler)})
	}
	s, err := open()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.SetSetting(t.Context(), fileSetting, "{"); err != nil {
		t.Fatal(err)
	}
	if err := s.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := open(); fault.From(err) == nil || fault.From(err).Code != "database_broken" {
		t.Error(err)
	}
}
