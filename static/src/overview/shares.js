import {Component} from "@odoo/owl";
import {formatInteger} from "@web/views/fields/formatters";
import {percent} from "../profile/words";

/** Shares of a whole in one bar; each number leads to the people behind it. */
export class Shares extends Component {
    static template = "mass_mailing_contact_strategy.Shares";
    static props = {
        shares: {type: Array, element: Object},
        open: {type: Function},
    };

    get shares() {
        const total = this.props.shares.reduce((sum, {count}) => sum + count, 0);
        return this.props.shares.map((share) => ({
            ...share,
            text: formatInteger(share.count),
            width: total ? (100 * share.count) / total : 0,
            percent: percent(total ? share.count / total : 0),
        }));
    }
}
