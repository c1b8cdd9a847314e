package testkit_test

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"

	"hienke/internal/testkit"
)

// talk sends inline commands to the Redis at rawURL, with its password, and
// returns the last answer's first line.
func talk(t *testing.T, rawURL string, commands ...string) string {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", u.Host)
	if err != nil {
		return "no connection"
	}
	defer conn.Close() //nolint:errcheck // the answer is what counts
	answers := bufio.NewReader(conn)
	var answer string
	for _, command := range append([]string{"AUTH " + password}, commands...) {
		if _, err := fmt.Fprintf(conn, "%s\r\n", command); err != nil {
			t.Fatal(err)
		}
		if answer, err = answers.ReadString('\n'); err != nil {
			t.Fatalf("answer to %s: %v", command, err)
		}
	}
	return strings.TrimSpace(answer)
}

func TestRedisIsEmptyAndTheTestsOwn(t *testing.T) {
	t.Parallel()
	for range 2 {
		if got := talk(t, testkit.Redis(t), "SET asynq:queues default", "DBSIZE"); got != ":1" {
			t.Errorf("after one key a server of its own has size %s, want :1", got)
		}
	}
}

func TestRedisWantsItsPassword(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(testkit.Redis(t))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("", "wrong")
	if got := talk(t, u.String(), "DBSIZE"); !strings.HasPrefix(got, "-NOAUTH") {
		t.Errorf("with a wrong password it answered %s", got)
	}
}

func TestRedisStoppedAndStartedIsEmptyAtTheSameAddress(t *testing.T) {
	t.Parallel()
	server := testkit.NewRedis(t)
	before := server.URL()
	if got := talk(t, before, "SET asynq:queues default"); got != "+OK" {
		t.Fatalf("SET answered %s", got)
	}
	server.Stop(t)
	if got := talk(t, before, "PING"); got != "no connection" {
		t.Errorf("stopped it answered %s", got)
	}
	server.Start(t)
	if after := server.URL(); after != before {
		t.Errorf("it moved from %s to %s", before, after)
	}
	if got := talk(t, before, "DBSIZE"); got != ":0" {
		t.Errorf("started again it has size %s, want :0", got)
	}
}
