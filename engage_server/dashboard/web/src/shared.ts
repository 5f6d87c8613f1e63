/**
 * What My book and the frame of the page use and other views use, too. The build has every script that is loaded bring it
 * along, so that it is one file: shared by some of them alone, each of these would be another, and a browser takes longer
 * for a dozen small files than for one.
 */
import "./api/live";
import "./components/Band";
import "./components/DataTable";
import "./components/Delta";
import "./components/Sparkline";
import "./components/Tile";
import "./components/scale";
import "./shell/later";
import "./views/book/chosen";
import "./words/enums";
