// Command peer is Fabric's peer, put together from Fabric's own packages as its cmd/peer does, with one number changed: how much of a database LevelDB may keep in
// memory. Fabric says nothing of it, so LevelDB takes 8 MiB, and none of Fabric's settings changes that (docs/decisions/0019-the-peers-cache.md).
//
// Fabric keeps the packages of its commands internal: they can be imported only from below github.com/hyperledger/fabric, which is why this module has a name there.
package main

import (
	_ "net/http/pprof" // served only where peer.profile.enabled says so, as by Fabric's own program
	"os"
	"strings"

	"github.com/hyperledger/fabric-lib-go/bccsp/factory"
	"github.com/hyperledger/fabric/internal/peer/chaincode"
	"github.com/hyperledger/fabric/internal/peer/channel"
	"github.com/hyperledger/fabric/internal/peer/common"
	"github.com/hyperledger/fabric/internal/peer/lifecycle"
	"github.com/hyperledger/fabric/internal/peer/node"
	"github.com/hyperledger/fabric/internal/peer/snapshot"
	"github.com/hyperledger/fabric/internal/peer/version"
	"github.com/spf13/cobra"
	"github.com/spf13/viper"
	"github.com/syndtr/goleveldb/leveldb/opt"
)

// databaseCache, in bytes, is room for the file indexes of several million keys (100 kB for each 2 MiB of a database) and for the blocks that are read often.
// It is taken only as far as there is something to keep, by each of a peer's databases.
const databaseCache = 128 * opt.MiB

func main() {
	opt.DefaultBlockCacheCapacity = databaseCache // before any database is opened

	viper.SetEnvPrefix(common.CmdRoot)
	viper.AllowEmptyEnv(true)
	viper.AutomaticEnv()
	viper.SetEnvKeyReplacer(strings.NewReplacer(".", "_"))

	crypto := factory.GetDefault()
	peer := &cobra.Command{Use: "peer"}
	peer.AddCommand(version.Cmd(), node.Cmd(), chaincode.Cmd(nil, crypto), channel.Cmd(nil), lifecycle.Cmd(crypto), snapshot.Cmd(crypto))
	if peer.Execute() != nil {
		os.Exit(1) // the command has said why
	}
}
