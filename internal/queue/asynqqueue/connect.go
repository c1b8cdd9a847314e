package asynqqueue

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// ParseURL reads the address of a Redis:
//
//	redis://[user:password@]host[:port][/db]                            one server
//	redis://[user:password@]sentinel[:port]?master_name=NAME&addr=…     Sentinel; the master's own
//	                                                                    credentials are &username= and &password=
//	redis://[user:password@]node[:port]?addr=node2:port&addr=…          Cluster
//
// and the same with rediss:// for TLS. No error of it repeats the address,
// which may hold a password.
func ParseURL(raw string) (*redis.UniversalOptions, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "redis" && u.Scheme != "rediss") {
		return nil, errors.New("want a redis:// or rediss:// URL")
	}
	at, err := parse(u, raw)
	if err != nil {
		return nil, fmt.Errorf("read Redis URL: %w", err)
	}
	// Neither is of use here, and both cost a round trip on each connection.
	at.DisableIdentity = true
	at.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return at, nil
}

// parse chooses the topology by the parameters of the URL.
func parse(u *url.URL, raw string) (*redis.UniversalOptions, error) {
	query := u.Query()
	switch {
	case query.Has("master_name"):
		o, err := redis.ParseFailoverURL(raw)
		if err != nil {
			return nil, err
		}
		return &redis.UniversalOptions{
			Addrs: o.SentinelAddrs, MasterName: o.MasterName, DB: o.DB,
			Username: o.Username, Password: o.Password,
			SentinelUsername: o.SentinelUsername, SentinelPassword: o.SentinelPassword,
			TLSConfig: o.TLSConfig,
		}, nil
	case query.Has("addr"):
		o, err := redis.ParseClusterURL(raw)
		if err != nil {
			return nil, err
		}
		return &redis.UniversalOptions{
			Addrs: o.Addrs, IsClusterMode: true,
			Username: o.Username, Password: o.Password, TLSConfig: o.TLSConfig,
		}, nil
	default:
		o, err := redis.ParseURL(raw)
		if err != nil {
			return nil, err
		}
		return &redis.UniversalOptions{
			Addrs: []string{o.Addr}, DB: o.DB,
			Username: o.Username, Password: o.Password, TLSConfig: o.TLSConfig,
		}, nil
	}
}
